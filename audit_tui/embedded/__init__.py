"""The throwaway PostgreSQL of the demo and the tests, and the story of the demo."""
