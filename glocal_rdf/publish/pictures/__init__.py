"""Pictures of what a graph has, drawn when the site is published: maps, timelines, networks, trees and numbers."""
