package dev.kiri.waypoint.route;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.Span;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All matches of one set of routes, indexed by path: exact paths in a hash map, prefixes in a tree
/// of segments, regular expressions in a list. The answer is that of the sorted list of all
/// matches. Immutable.
public final class RouteTable {
  private static final RouteDecision NO_MATCH = new RouteDecision.NoMatch();

  private final List<RouteMatch> ordered;
  private final ByteMap<List<RouteMatch>> exact = new ByteMap<>();
  private final Node root = new Node();
  private final List<RouteMatch> regex = new ArrayList<>();
  private final List<RouteMatch> any = new ArrayList<>();

  /// A place in the tree of prefixes.
  private static final class Node {
    final ByteMap<Node> children = new ByteMap<>();
    final List<RouteMatch> matches = new ArrayList<>();
  }

  public RouteTable(List<RouteMatch> matches) {
    ordered = matches.stream().sorted(RouteMatch.PRECEDENCE).toList();
    for (RouteMatch match : ordered) {
      switch (match.path()) {
        case PathMatch.Exact(String path) ->
            exact.computeIfAbsent(bytes(path), ArrayList::new).add(match);
        case PathMatch.Prefix prefix -> node(prefix.trimmed()).matches.add(match);
        case PathMatch.Regex _ -> regex.add(match);
        case PathMatch.Any _ -> any.add(match);
      }
    }
  }

  /// In the order in which they are tried.
  public List<RouteMatch> ordered() {
    return ordered;
  }

  public RouteDecision decide(Head head) {
    long path = head.path();
    List<RouteMatch> exactly = exact.get(head.bytes(), Span.start(path), Span.length(path));
    RouteMatch match = exactly == null ? null : first(exactly, head);
    if (match == null) {
      match = byPrefix(root, head, Span.start(path), Span.end(path));
    }
    if (match == null && !regex.isEmpty()) {
      match = byRegex(head);
    }
    if (match == null) {
      match = first(any, head);
    }
    return match == null ? NO_MATCH : match.decision();
  }

  /// The deepest node first. `at` stands on the slash in front of the next segment.
  private static @Nullable RouteMatch byPrefix(Node node, Head head, int at, int end) {
    byte[] bytes = head.bytes();
    if (at < end && bytes[at] == '/') {
      int next = at + 1;
      while (next < end && bytes[next] != '/') {
        next++;
      }
      Node child = node.children.get(bytes, at + 1, next - at - 1);
      if (child != null) {
        RouteMatch deeper = byPrefix(child, head, next, end);
        if (deeper != null) {
          return deeper;
        }
      }
    }
    return first(node.matches, head);
  }

  private @Nullable RouteMatch byRegex(Head head) {
    String path = head.text(head.path());
    for (int i = 0; i < regex.size(); i++) {
      RouteMatch match = regex.get(i);
      if (match.path() instanceof PathMatch.Regex(var pattern, _)
          && pattern.matches(path)
          && match.conditionsHold(head)) {
        return match;
      }
    }
    return null;
  }

  private static @Nullable RouteMatch first(List<RouteMatch> matches, Head head) {
    for (int i = 0; i < matches.size(); i++) {
      if (matches.get(i).conditionsHold(head)) {
        return matches.get(i);
      }
    }
    return null;
  }

  private Node node(String prefix) {
    Node node = root;
    for (int start = 0; start < prefix.length(); ) {
      int slash = prefix.indexOf('/', start + 1);
      int stop = slash < 0 ? prefix.length() : slash;
      node = node.children.computeIfAbsent(bytes(prefix.substring(start + 1, stop)), Node::new);
      start = stop;
    }
    return node;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
