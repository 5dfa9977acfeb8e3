"""CodeGraphX: its artifacts and its catalogue database, landed as what they say."""
