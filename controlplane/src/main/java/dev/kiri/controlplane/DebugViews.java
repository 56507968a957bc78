package dev.kiri.controlplane;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.index.MeshIndex;
import dev.kiri.controlplane.index.MeshResources;
import dev.kiri.controlplane.source.ObjectSource;
import dev.kiri.controlplane.waypointconfig.ScopedTables;
import dev.kiri.controlplane.xds.DiscoveryServer;
import dev.kiri.controlplane.xds.EncodedResource;
import dev.kiri.mesh.proto.security.Authorization;
import dev.kiri.mesh.proto.workload.Address;
import dev.kiri.ops.admin.AdminResponse;
import dev.kiri.ops.admin.AdminServer;
import dev.kiri.waypoint.config.v1.Resource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/// Views for operators: what proxies are told (`/debug/ambientz`), who is connected and holds what
/// (`/debug/syncz`: reads the objects first, so an answer in which every type is `current` says
/// that all proxies hold what was written before the question), each waypoint's configuration
/// (`/debug/waypointz`), the tables (`/debug/krtz`), and what is wrong with objects
/// (`/debug/problemz`). All JSON.
final class DebugViews {
  private final IndexLoop loop;
  private final MeshIndex index;
  private final MeshResources resources;
  private final ScopedTables waypoints;
  private final DiscoveryServer discovery;
  private final ObjectSource source;
  private final JsonMapper json = JsonMapper.builder().build();

  DebugViews(
      IndexLoop loop,
      MeshIndex index,
      MeshResources resources,
      ScopedTables waypoints,
      DiscoveryServer discovery,
      ObjectSource source) {
    this.loop = loop;
    this.index = index;
    this.resources = resources;
    this.waypoints = waypoints;
    this.discovery = discovery;
    this.source = source;
  }

  AdminServer addTo(AdminServer server) {
    return server
        .route("GET", "/debug/ambientz", _ -> answer(ambient()))
        .route("GET", "/debug/syncz", _ -> answer(streams()))
        .route("GET", "/debug/waypointz", _ -> answer(configurations()))
        .route("GET", "/debug/krtz", _ -> answer(loop.ask(this::tables)))
        .route("GET", "/debug/problemz", _ -> answer(problems()));
  }

  private List<Map<String, Object>> streams() {
    source.catchUp();
    return loop.ask(discovery::describe);
  }

  private AdminResponse answer(Object tree) {
    return AdminResponse.of(
        200,
        "application/json",
        json.writerWithDefaultPrettyPrinter().writeValueAsString(tree) + "\n");
  }

  private Map<String, Object> ambient() throws InvalidProtocolBufferException {
    List<Object> workloads = new ArrayList<>();
    List<Object> services = new ArrayList<>();
    for (EncodedResource resource : sorted(resources.addresses().all())) {
      Address address = Address.parseFrom(resource.bytes());
      if (address.hasWorkload()) {
        workloads.add(versioned(resource, ProtoTrees.of(address.getWorkload())));
      } else {
        services.add(versioned(resource, ProtoTrees.of(address.getService())));
      }
    }
    List<Object> policies = new ArrayList<>();
    for (EncodedResource resource : sorted(resources.authorizations().all())) {
      policies.add(versioned(resource, ProtoTrees.of(Authorization.parseFrom(resource.bytes()))));
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("workloads", workloads);
    tree.put("services", services);
    tree.put("policies", policies);
    return tree;
  }

  private Map<String, Object> configurations() throws InvalidProtocolBufferException {
    Map<String, Object> all = new TreeMap<>();
    for (var entry : waypoints.describe().entrySet()) {
      List<Object> configuration = new ArrayList<>();
      for (EncodedResource resource : sorted(entry.getValue())) {
        configuration.add(versioned(resource, ProtoTrees.of(Resource.parseFrom(resource.bytes()))));
      }
      all.put(entry.getKey(), configuration);
    }
    return all;
  }

  private Map<String, Object> tables() {
    Map<String, Object> sizes = new LinkedHashMap<>();
    for (Table<?, ?> table : index.graph().tables()) {
      sizes.put(table.name(), table.rows().size());
    }
    return sizes;
  }

  private Map<String, Object> problems() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("documents", loop.problems().stream().map(p -> p.message()).toList());
    tree.put(
        "pods",
        loop.ask(
            () -> index.podFindings().rows().values().stream().flatMap(List::stream).toList()));
    tree.put(
        "mesh",
        loop.ask(
            () -> index.meshFindings().rows().values().stream().flatMap(List::stream).toList()));
    return tree;
  }

  private static List<EncodedResource> sorted(Collection<EncodedResource> resources) {
    return resources.stream().sorted(Comparator.comparing(EncodedResource::name)).toList();
  }

  private static Map<String, Object> versioned(EncodedResource resource, Map<String, Object> tree) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("xdsName", resource.name());
    out.put("xdsVersion", resource.version());
    out.putAll(tree);
    return out;
  }
}
