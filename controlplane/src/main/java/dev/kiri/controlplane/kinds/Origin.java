package dev.kiri.controlplane.kinds;

/// Where a document was read: a file (or another source's name) and the position of the document in
/// it, counted from 1.
public record Origin(String file, int document) implements Comparable<Origin> {
  @Override
  public int compareTo(Origin other) {
    int byFile = file.compareTo(other.file);
    return byFile != 0 ? byFile : Integer.compare(document, other.document);
  }

  @Override
  public String toString() {
    return file + " document " + document;
  }
}
