package dev.kiri.mesh.file;

import org.snakeyaml.engine.v2.nodes.Node;

/// A file that does not describe a mesh; the message names the line, the field, what was found and
/// what is accepted.
public final class InvalidMeshFile extends Exception {
  private static final long serialVersionUID = 1L;

  InvalidMeshFile(String message) {
    super(message);
  }

  static InvalidMeshFile at(Node node, String path, String problem) {
    String line = node.getStartMark().map(mark -> "line " + (mark.getLine() + 1) + ": ").orElse("");
    return new InvalidMeshFile(line + (path.isEmpty() ? "document" : path) + ": " + problem);
  }
}
