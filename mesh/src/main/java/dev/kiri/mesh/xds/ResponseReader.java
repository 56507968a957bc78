package dev.kiri.mesh.xds;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.WireFormat;
import dev.kiri.mesh.proto.discovery.DeltaDiscoveryResponse;
import dev.kiri.mesh.proto.discovery.Resource;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Reads a `DeltaDiscoveryResponse` one resource at a time, so that a push of a hundred thousand
/// is never held as messages.
///
/// @param resources how many there were
/// @param bytes what their payloads had
record ResponseReader(
    String typeUrl, String nonce, List<String> removed, int resources, long bytes) {

  /// Hands each resource to the consumer, in order, and returns the rest. Does not close the
  /// stream.
  static ResponseReader read(InputStream bytes, Consumer<Resource> consumer) throws IOException {
    var in = CodedInputStream.newInstance(bytes);
    in.setSizeLimit(Integer.MAX_VALUE);
    String typeUrl = "";
    String nonce = "";
    var removed = new ArrayList<String>();
    int resources = 0;
    long size = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case DeltaDiscoveryResponse.RESOURCES_FIELD_NUMBER -> {
          var resource =
              in.readMessage(Resource.parser(), ExtensionRegistryLite.getEmptyRegistry());
          resources++;
          size += resource.getResource().getValue().size();
          consumer.accept(resource);
        }
        case DeltaDiscoveryResponse.TYPE_URL_FIELD_NUMBER -> typeUrl = in.readStringRequireUtf8();
        case DeltaDiscoveryResponse.NONCE_FIELD_NUMBER -> nonce = in.readStringRequireUtf8();
        case DeltaDiscoveryResponse.REMOVED_RESOURCES_FIELD_NUMBER ->
            removed.add(in.readStringRequireUtf8());
        default -> in.skipField(tag);
      }
    }
    return new ResponseReader(typeUrl, nonce, List.copyOf(removed), resources, size);
  }
}
