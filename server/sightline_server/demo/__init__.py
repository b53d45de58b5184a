"""`sightline demo`: a server, a stand-in for OpenAI, a sample app that talks to both, and some history."""
