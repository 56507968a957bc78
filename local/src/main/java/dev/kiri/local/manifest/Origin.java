package dev.kiri.local.manifest;

/// Where a document stands: a file (or `-` for standard input) and its number in it, from 1.
public record Origin(String file, int document) {
  @Override
  public String toString() {
    return file + ", document " + document;
  }
}
