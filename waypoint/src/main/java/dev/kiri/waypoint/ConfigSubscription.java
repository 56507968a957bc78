package dev.kiri.waypoint;

import dev.kiri.mesh.xds.NamedResource;
import dev.kiri.mesh.xds.Rejection;
import dev.kiri.mesh.xds.ResourceHandler;
import dev.kiri.mesh.xds.ResourceParser;
import dev.kiri.mesh.xds.TypeSubscription;
import dev.kiri.waypoint.config.ConfigStore;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.config.v1.Schema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Feeds the configuration store from the discovery stream. Runs on the client's thread.
final class ConfigSubscription implements ResourceHandler<Resource> {
  static final String TYPE_URL = "type.googleapis.com/kiri.waypoint.v1.Resource";
  /// Metadata of the node that says which revision of the schema this build knows.
  static final String REVISION_KEY = "KIRI_WAYPOINT_SCHEMA";

  private static final Logger log = LoggerFactory.getLogger(ConfigSubscription.class);

  private final ConfigStore store;

  private ConfigSubscription(ConfigStore store) {
    this.store = store;
  }

  static String revision() {
    return String.valueOf(Schema.getDescriptor().getOptions().getExtension(Schema.revision));
  }

  static TypeSubscription<Resource> of(ConfigStore store) {
    return new TypeSubscription<>(
        TYPE_URL, ResourceParser.of(Resource.parser()), new ConfigSubscription(store));
  }

  @Override
  public List<Rejection> apply(List<NamedResource<Resource>> updated, List<String> removed) {
    Map<String, Resource> batch = new LinkedHashMap<>();
    updated.forEach(resource -> batch.put(resource.name(), resource.value()));
    return store.apply(batch, removed).stream()
        .map(
            refusal -> {
              log.warn("refused {}", refusal.text());
              return new Rejection(refusal.resource(), refusal.text());
            })
        .toList();
  }

  @Override
  public void unparsable(List<Rejection> rejections) {
    for (Rejection rejection : rejections) {
      log.warn("refused {}", rejection);
      store.unparsable(rejection.name(), rejection.reason());
    }
  }
}
