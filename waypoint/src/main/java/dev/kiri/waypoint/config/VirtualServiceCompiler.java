package dev.kiri.waypoint.config;

import dev.kiri.waypoint.config.v1.ConnectionMatch;
import dev.kiri.waypoint.config.v1.ConnectionRule;
import dev.kiri.waypoint.config.v1.ObjectRef;
import dev.kiri.waypoint.config.v1.VirtualService;
import dev.kiri.waypoint.policy.AddressBlock;
import dev.kiri.waypoint.route.ConnectionRoutes;
import dev.kiri.waypoint.route.RuleName;
import dev.kiri.waypoint.route.WeightedBackends;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Compiles one VirtualService into the same structure as routes of the Gateway API. Pure.
final class VirtualServiceCompiler {
  private static final String AT = "virtual_service";

  private VirtualServiceCompiler() {}

  static CompiledRoute compile(ObjectRef source, VirtualService service) {
    Instant created =
        HttpRouteCompiler.created(service.hasCreationTime(), service.getCreationTime(), AT);
    List<ConnectionRoutes.Route> connections = new ArrayList<>();
    connections(source, service.getTlsList(), "tls", created, connections);
    connections(source, service.getTcpList(), "tcp", created, connections);
    return new CompiledRoute(
        CompiledRoute.Kind.VIRTUAL_SERVICE,
        source.getNamespace(),
        source.getName(),
        HttpRouteCompiler.parents(service.getParentsList()),
        Set.copyOf(service.getClientNamespacesList()),
        HttpRouteCompiler.rules(source, service.getHttpList(), created, AT + ".http"),
        connections);
  }

  private static void connections(
      ObjectRef source,
      List<ConnectionRule> rules,
      String list,
      Instant created,
      List<ConnectionRoutes.Route> into) {
    for (int i = 0; i < rules.size(); i++) {
      ConnectionRule rule = rules.get(i);
      String field = AT + "." + list + "[" + i + "]";
      RuleName name =
          new RuleName(source.getKind(), source.getNamespace(), source.getName(), i, list);
      WeightedBackends backends = HttpRuleCompiler.backends(rule.getBackendsList(), field);
      List<ConnectionMatch> matches =
          rule.getMatchesCount() == 0
              ? List.of(ConnectionMatch.getDefaultInstance())
              : rule.getMatchesList();
      for (int j = 0; j < matches.size(); j++) {
        ConnectionMatch match = matches.get(j);
        into.add(
            new ConnectionRoutes.Route(
                name,
                match.getServerNamesList(),
                blocks(match, field + ".matches[" + j + "].destinations"),
                MatchCompiler.client(match.getClient()),
                match.getPort(),
                backends,
                created,
                into.size()));
      }
    }
  }

  private static List<AddressBlock> blocks(ConnectionMatch match, String field) {
    List<AddressBlock> blocks = new ArrayList<>();
    for (String text : match.getDestinationsList()) {
      try {
        blocks.add(AddressBlock.parse(text));
      } catch (IllegalArgumentException e) {
        throw new InvalidConfig(field, String.valueOf(e.getMessage()));
      }
    }
    return blocks;
  }
}
