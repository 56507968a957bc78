package dev.kiri.mesh.xds;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kiri.mesh.proto.discovery.Resource;
import dev.kiri.mesh.wire.InvalidResource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One subscription with what must outlive a connection: which versions we hold. For the client's
/// thread.
final class Subscribed<T> {
  private static final Logger log = LoggerFactory.getLogger(Subscribed.class);

  private final TypeSubscription<T> subscription;
  private final Map<String, String> versions = new HashMap<>();

  Subscribed(TypeSubscription<T> subscription) {
    this.subscription = subscription;
  }

  String typeUrl() {
    return subscription.typeUrl();
  }

  /// Every resource held, to be told to a new connection.
  Map<String, String> versions() {
    return versions;
  }

  Batch batch() {
    return new Batch();
  }

  /// The resources of one response.
  final class Batch {
    private final List<NamedResource<T>> updated = new ArrayList<>();
    private final List<Rejection> unparsable = new ArrayList<>();

    void add(Resource resource) {
      String name = resource.getName();
      if (!resource.hasResource()) {
        unparsable.add(new Rejection(name, "XDS payload without resource"));
        return;
      }
      try {
        var value = subscription.parser().parse(name, resource.getResource().getValue());
        updated.add(new NamedResource<>(name, resource.getVersion(), value));
      } catch (InvalidProtocolBufferException | InvalidResource | RuntimeException bad) {
        unparsable.add(new Rejection(name, String.valueOf(bad.getMessage())));
      }
    }

    /// The names of what was added, for a response that turns out to be of another type.
    List<String> names() {
      var names = new ArrayList<String>();
      updated.forEach(resource -> names.add(resource.name()));
      unparsable.forEach(rejection -> names.add(rejection.name()));
      return names;
    }

    /// Applies the response, keeps the versions of what was not refused, and says what was.
    List<Rejection> apply(List<String> removed) {
      var rejections = new ArrayList<>(unparsable);
      try {
        if (!unparsable.isEmpty()) {
          subscription.handler().unparsable(List.copyOf(unparsable));
        }
        rejections.addAll(subscription.handler().apply(List.copyOf(updated), removed));
      } catch (RuntimeException broken) {
        log.error("applying resources of type {} failed", typeUrl(), broken);
        updated.forEach(it -> rejections.add(new Rejection(it.name(), "internal error")));
      }
      var refused = new HashSet<String>();
      rejections.forEach(rejection -> refused.add(rejection.name()));
      for (var resource : updated) {
        if (!refused.contains(resource.name())) {
          versions.put(resource.name(), resource.version());
        }
      }
      removed.forEach(versions::remove);
      return rejections;
    }
  }
}
