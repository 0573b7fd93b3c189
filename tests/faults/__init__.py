"""Nothing watched is lost, nothing unwatched is recorded, whatever breaks: each case a real process."""
