"""Pieces of fonts as the invoice embeds them, with their metrics: cut by scripts/faces.py, licences beside them.

sRGB.icc is the profile that Little CMS makes (`cmsCreate_sRGBProfile`; "no copyright, use freely").
"""
