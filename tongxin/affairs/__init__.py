"""事项: what has a beginning, a procedure and an end, and is no resident's 诉求: motions, wishes, projects, disputes, honours."""
