"""Article and watch list in; mentions, matches of topics and claims out: `detector.Detector`.

It is imported by those who detect: its words and patterns take a fifth of a second, which most commands can do without.
"""
