"""The campaign: how many doses where and when, who gets which, when it is entered."""
