package dev.kiri.controlplane.kinds;

import java.util.Map;

/// A ConfigMap: read only to see whether the root certificate in a namespace is the present one.
public record ConfigMapObject(Meta meta, Map<String, String> data) implements MeshObject {
  @Override
  public Kind kind() {
    return Kind.CONFIG_MAP;
  }

  static ConfigMapObject read(Meta meta, Fields top) {
    ConfigMapObject read = new ConfigMapObject(meta, top.stringMap("data"));
    top.ignore("binaryData", "immutable");
    return read;
  }
}
