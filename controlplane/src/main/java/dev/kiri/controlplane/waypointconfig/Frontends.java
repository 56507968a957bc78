package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.graph.Index;
import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.index.Binding;
import dev.kiri.controlplane.index.HostClaim;
import dev.kiri.controlplane.index.MeshIndex;
import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.index.ObjectTables;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.RouteObject.ParentRef;
import dev.kiri.controlplane.kinds.ServiceEntryObject;
import dev.kiri.controlplane.kinds.ServiceObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Finds what a reference or a host name means. An ExternalName service is nothing of the mesh's.
/// Stateless apart from its tables.
final class Frontends {
  private final MeshIndex index;
  private final ObjectTables objects;
  private final MeshSettings settings;
  private final Index<String, String, ServiceObject> servicesBySuffix;
  private final Index<String, String, ServiceEntryObject> entriesBySuffix;

  /// To be made before the first change.
  Frontends(MeshIndex index) {
    this.index = index;
    this.objects = index.objects();
    this.settings = index.settings();
    this.servicesBySuffix =
        objects.services.index(
            s -> suffixes(List.of(settings.hostname(s.meta().namespace(), s.meta().name()))));
    this.entriesBySuffix = objects.serviceEntries.index(e -> suffixes(e.hosts()));
  }

  /// The wildcards that cover hosts: `*` and `*.` with what stands behind each dot.
  private static Set<String> suffixes(List<String> hosts) {
    Set<String> suffixes = new TreeSet<>();
    for (String host : hosts) {
      suffixes.add("*");
      for (int dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
        suffixes.add("*" + host.substring(dot));
      }
    }
    return suffixes;
  }

  /// Everything that a host of a VirtualService or DestinationRule in that namespace means.
  List<Frontend> covered(String host, String namespace, Reader reader) {
    if (!host.startsWith("*")) {
      Frontend found = host(complete(host, namespace), namespace, reader);
      return found == null ? List.of() : List.of(found);
    }
    List<Frontend> all = new ArrayList<>();
    for (ServiceObject service : reader.find(servicesBySuffix, host)) {
      Frontend found = service(service.key().path(), reader);
      if (found != null) {
        all.add(found);
      }
    }
    for (ServiceEntryObject entry : reader.find(entriesBySuffix, host)) {
      Frontend found = entry(entry.key().path(), reader);
      List<String> meant =
          found == null
              ? List.of()
              : found.hostnames().stream()
                  .filter(h -> suffixes(List.of(h)).contains(host))
                  .toList();
      if (!meant.isEmpty()) {
        all.add(frontend(entry, meant));
      }
    }
    return all;
  }

  /// The parent a route names, or null.
  @Nullable Frontend parent(ParentRef reference, String routeNamespace, Reader reader) {
    String path = reference.path(routeNamespace);
    return reference.isServiceEntry() ? entry(path, reader) : service(path, reader);
  }

  @Nullable Frontend service(String path, Reader reader) {
    ServiceObject service = reader.get(objects.services, path);
    if (service == null || service.type().equals("ExternalName")) {
      return null;
    }
    String namespace = service.meta().namespace();
    String name = service.meta().name();
    return new Frontend(
        Kind.SERVICE,
        namespace,
        name,
        List.of(settings.hostname(namespace, name)),
        service.ports().stream()
            .map(p -> new Frontend.Port(p.name(), p.port(), Ports.protocol(p)))
            .toList());
  }

  /// An entry with the hosts that it has; null where it has none.
  @Nullable Frontend entry(String path, Reader reader) {
    ServiceEntryObject entry = reader.get(objects.serviceEntries, path);
    Map<String, HostClaim> claims = reader.get(index.hostClaims(), path);
    if (entry == null || claims == null) {
      return null;
    }
    List<String> held =
        claims.entrySet().stream()
            .filter(claim -> claim.getValue() instanceof HostClaim.Held)
            .map(Map.Entry::getKey)
            .toList();
    return held.isEmpty() ? null : frontend(entry, held);
  }

  private static Frontend frontend(ServiceEntryObject entry, List<String> hosts) {
    return new Frontend(
        Kind.SERVICE_ENTRY,
        entry.meta().namespace(),
        entry.meta().name(),
        hosts,
        entry.ports().stream()
            .map(p -> new Frontend.Port(p.name(), p.number(), Ports.protocol(p)))
            .toList());
  }

  /// What a complete host name means to somebody of that namespace: a Service, the namespace's own
  /// ServiceEntry, or the one that everybody means.
  @Nullable Frontend host(String hostname, String namespace, Reader reader) {
    var service = settings.servicePath(hostname).map(path -> service(path, reader));
    if (service.isPresent()) {
      return service.get();
    }
    Frontend canonical = null;
    for (ServiceEntryObject entry : reader.find(objects.serviceEntriesByHost, hostname)) {
      Map<String, HostClaim> claims = reader.get(index.hostClaims(), entry.key().path());
      if (claims != null && claims.get(hostname) instanceof HostClaim.Held(boolean meantByAll)) {
        if (entry.meta().namespace().equals(namespace)) {
          return frontend(entry, List.of(hostname));
        }
        if (meantByAll) {
          canonical = frontend(entry, List.of(hostname));
        }
      }
    }
    return canonical;
  }

  /// A host as an object of that namespace writes it: a name without a dot is a service there.
  String complete(String host, String namespace) {
    return host.indexOf('.') >= 0 || host.startsWith("*")
        ? host
        : settings.hostname(namespace, host);
  }

  /// Which waypoint stands in front of it, or will as soon as it has an address.
  Binding binding(Frontend frontend, Reader reader) {
    var table =
        frontend.kind() == Kind.SERVICE ? index.intendedBindings() : index.intendedEntryBindings();
    return Objects.requireNonNull(reader.get(table, frontend.path()), "a binding for each");
  }
}
