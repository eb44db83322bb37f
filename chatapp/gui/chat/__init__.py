"""The widgets of the Chat place. They show state and emit signals; ChatController decides."""
