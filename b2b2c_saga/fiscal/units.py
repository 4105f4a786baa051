"""What goods are counted in: the GST portal's unit quantity codes (UQC), and what the rest of the world calls them.

Sources: UN/ECE Recommendation 20 (units of measure), revision 11e, and Recommendation 21 (kinds of packages), revision
9e, whose codes get an X in front, as Peppol BIS Billing 3 has it for BT-130. A UQC that has no counterpart of just that
meaning (`BTL`: a bottle of which shape?) is not here.
"""

UNECE_OF_UQC = {
    "BAG": "XBG",
    "BDL": "XBE",
    "BOX": "XBX",
    "BUN": "XBH",
    "CBM": "MTQ",
    "CCM": "CMQ",
    "CMS": "CMT",
    "CTN": "XCT",
    "DOZ": "DZN",
    "DRM": "XDR",
    "GGK": "GGR",
    "GMS": "GRM",
    "GRS": "GRO",
    "KGS": "KGM",
    "KLR": "K6",
    "KME": "KMT",
    "LTR": "LTR",
    "MLT": "MLT",
    "MTR": "MTR",
    "MTS": "TNE",
    "NOS": "C62",
    "PAC": "XPK",
    "PCS": "H87",
    "PRS": "PR",
    "QTL": "DTN",
    "ROL": "XRO",
    "SET": "SET",
    "SQF": "FTK",
    "SQM": "MTK",
    "SQY": "YDK",
    "TBS": "U2",
    "THD": "MIL",
    "TON": "TNE",
    "TUB": "XTU",
    "UGS": "GLL",
    "UNT": "C62",
    "YDS": "YRD",
}
ONE = "C62"
"""Of any unit: the code for "one"."""


def unece_code(uqc: str) -> str:
    """The code of Recommendation 20 or 21; that for "one" where there is none of the same meaning."""
    return UNECE_OF_UQC.get(uqc, ONE)
