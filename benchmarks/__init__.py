"""The published figures: each file measures one thing beside a floor or a peer of the same run."""
