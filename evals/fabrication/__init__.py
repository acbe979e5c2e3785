"""Replies that were spoilt on purpose, and true ones in other dress: what does the gate let by?"""
