package dev.kiri.waypoint.route;

import com.google.re2j.Pattern;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.Span;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All matches of one set of routes, indexed by path: exact paths in a hash map, prefixes of whole
/// segments in a tree, prefixes of characters in a hash map a length, the rest in lists. The answer
/// is that of the sorted list of all matches: each index is asked for its first match that holds,
/// and only for one that stands before the best so far. Immutable.
public final class RouteTable {
  private static final RouteDecision NO_MATCH = new RouteDecision.NoMatch();

  private final List<RouteMatch> ordered;
  private final ByteMap<List<RouteMatch>> exact = new ByteMap<>();
  private final Node root = new Node();
  private final TextPrefixes texts = new TextPrefixes();
  private final List<RouteMatch> scanned = new ArrayList<>();
  private final List<RouteMatch> any = new ArrayList<>();

  /// A place in the tree of prefixes.
  private static final class Node {
    final ByteMap<Node> children = new ByteMap<>();
    final List<RouteMatch> matches = new ArrayList<>();
  }

  /// Routes of the Gateway API: what says more comes first.
  public RouteTable(List<RouteMatch> matches) {
    this(matches, RouteMatch.PRECEDENCE);
  }

  /// VirtualServices: tried as they are written.
  public static RouteTable asWritten(List<RouteMatch> matches) {
    return new RouteTable(matches, RouteMatch.AS_WRITTEN);
  }

  private RouteTable(List<RouteMatch> matches, Comparator<RouteMatch> order) {
    List<RouteMatch> sorted = new ArrayList<>(matches);
    sorted.sort(order);
    for (int i = 0; i < sorted.size(); i++) {
      sorted.set(i, sorted.get(i).ranked(i));
    }
    ordered = List.copyOf(sorted);
    for (RouteMatch match : ordered) {
      switch (match.path()) {
        case PathMatch.Exact(String path) ->
            exact.computeIfAbsent(bytes(path), ArrayList::new).add(match);
        case PathMatch.Prefix prefix -> node(prefix.trimmed()).matches.add(match);
        case PathMatch.TextPrefix(String text) -> texts.add(bytes(text), match);
        case PathMatch.Regex _, PathMatch.Caseless _ -> scanned.add(match);
        case PathMatch.Any _ -> any.add(match);
      }
    }
  }

  /// In the order in which they are tried.
  public List<RouteMatch> ordered() {
    return ordered;
  }

  public RouteDecision decide(Head head, RouteClient client) {
    long path = head.path();
    byte[] bytes = head.bytes();
    int start = Span.start(path);
    int length = Span.length(path);
    List<RouteMatch> exactly = exact.get(bytes, start, length);
    RouteMatch best = exactly == null ? null : first(exactly, head, client, null);
    best = byPrefix(root, head, client, start, start + length, best);
    for (int i = texts.lengths() - 1; i >= 0; i--) {
      List<RouteMatch> under = texts.at(i, bytes, start, length);
      best = under == null ? best : first(under, head, client, best);
    }
    if (!scanned.isEmpty()) {
      best = scan(head, client, best);
    }
    best = first(any, head, client, best);
    return best == null ? NO_MATCH : best.decision();
  }

  /// The deepest node first. `at` stands on the slash in front of the next segment.
  private static @Nullable RouteMatch byPrefix(
      Node node, Head head, RouteClient client, int at, int end, @Nullable RouteMatch best) {
    byte[] bytes = head.bytes();
    RouteMatch found = best;
    if (at < end && bytes[at] == '/') {
      int next = at + 1;
      while (next < end && bytes[next] != '/') {
        next++;
      }
      Node child = node.children.get(bytes, at + 1, next - at - 1);
      if (child != null) {
        found = byPrefix(child, head, client, next, end, found);
      }
    }
    return first(node.matches, head, client, found);
  }

  private @Nullable RouteMatch scan(Head head, RouteClient client, @Nullable RouteMatch best) {
    String path = null;
    for (int i = 0; i < scanned.size(); i++) {
      RouteMatch match = scanned.get(i);
      if (best != null && match.rank() > best.rank()) {
        return best;
      }
      if (path == null) {
        path = head.text(head.path());
      }
      boolean matches =
          switch (match.path()) {
            case PathMatch.Regex(Pattern pattern, _) -> pattern.matches(path);
            case PathMatch.Caseless caseless -> caseless.matches(path);
            case PathMatch.Exact _, PathMatch.Prefix _, PathMatch.TextPrefix _, PathMatch.Any _ ->
                false;
          };
      if (matches && match.conditionsHold(head, client)) {
        return match;
      }
    }
    return best;
  }

  private static @Nullable RouteMatch first(
      List<RouteMatch> matches, Head head, RouteClient client, @Nullable RouteMatch best) {
    for (int i = 0; i < matches.size(); i++) {
      RouteMatch match = matches.get(i);
      if (best != null && match.rank() > best.rank()) {
        return best;
      }
      if (match.conditionsHold(head, client)) {
        return match;
      }
    }
    return best;
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
