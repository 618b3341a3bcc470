"""What a statement is and who may run it, decided on tokens as the engine's own lexer cuts them."""
