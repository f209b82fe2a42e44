"""Marriage and family counselling (M12): counsellors, sessions, sealed notes, calls back when somebody is in danger."""
