package dev.kiri.waypoint.policy;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Turns the values of one field into a [Condition]. Failures are [IllegalArgumentException]s that
/// say what is wrong with the value; the caller adds object and field.
final class ConditionCompiler {
  private final String policyNamespace;
  private final Set<String> trustDomains;

  /// @param trustDomains the mesh's own trust domain and its aliases
  ConditionCompiler(String policyNamespace, Set<String> trustDomains) {
    this.policyNamespace = policyNamespace;
    this.trustDomains = trustDomains;
  }

  Condition condition(String field, List<String> values, List<String> notValues) {
    return switch (field) {
      case "principals", "source.principal" -> of(field, false, values, notValues, this::principal);
      case "namespaces", "source.namespace" ->
          of(field, false, values, notValues, v -> identity(v, ClientIdentity::namespace));
      case "serviceAccounts", "source.serviceAccount" ->
          of(field, false, values, notValues, this::serviceAccount);
      case "trustDomains", "source.trustDomain" ->
          of(field, false, values, notValues, this::trustDomain);
      case "ipBlocks", "source.ip" ->
          of(field, false, values, notValues, v -> block(v, f -> f.source().getAddress()));
      case "remoteIpBlocks", "remote.ip" ->
          of(field, false, values, notValues, v -> block(v, PolicyFacts::remoteAddress));
      // Without an authenticated token a request has no such principal, so no value matches.
      case "requestPrincipals",
          "request.auth.principal",
          "request.auth.audiences",
          "request.auth.presenter" ->
          of(field, true, values, notValues, _ -> _ -> false);
      case "hosts" -> of(field, true, values, notValues, v -> onHead(v, true, Head::authority));
      case "methods" -> of(field, true, values, notValues, v -> onHead(v, false, Head::method));
      case "paths" -> of(field, true, values, notValues, ConditionCompiler::path);
      case "ports", "destination.port" ->
          of(field, false, values, notValues, ConditionCompiler::port);
      case "destination.ip" ->
          of(field, false, values, notValues, v -> block(v, f -> f.destination().getAddress()));
      default -> byKey(field, values, notValues);
    };
  }

  private Condition byKey(String key, List<String> values, List<String> notValues) {
    if (key.startsWith("request.headers[") && key.endsWith("]")) {
      String inside = key.substring("request.headers[".length(), key.length() - 1);
      return switch (inside) {
        case ":method" -> of(key, true, values, notValues, v -> onHead(v, false, Head::method));
        case ":authority" ->
            of(key, true, values, notValues, v -> onHead(v, true, Head::authority));
        default -> {
          HeaderName name = HeaderName.of(inside);
          yield of(key, true, values, notValues, v -> header(name, v));
        }
      };
    }
    if (key.startsWith("request.auth.claims[")) {
      return of(key, true, values, notValues, _ -> _ -> false);
    }
    throw new IllegalArgumentException("\"" + key + "\" is not a condition this proxy can honour");
  }

  private static Condition of(
      String field,
      boolean http,
      List<String> values,
      List<String> notValues,
      Function<String, Predicate<PolicyFacts>> compile) {
    return new Condition(
        field,
        http,
        values.stream().map(compile).toList(),
        notValues.stream().map(compile).toList());
  }

  private Predicate<PolicyFacts> principal(String value) {
    List<TextMatcher> expanded = new ArrayList<>();
    for (String principal : TrustDomains.expand(value, trustDomains)) {
      expanded.add(TextMatcher.parse(principal, false));
    }
    return facts -> {
      @Nullable ClientIdentity client = facts.client();
      if (client != null) {
        for (int i = 0; i < expanded.size(); i++) {
          if (expanded.get(i).matches(client.principal())) {
            return true;
          }
        }
      }
      return false;
    };
  }

  private static Predicate<PolicyFacts> identity(
      String value, Function<ClientIdentity, String> part) {
    TextMatcher matcher = TextMatcher.parse(value, false);
    return facts -> {
      @Nullable ClientIdentity client = facts.client();
      return client != null && matcher.matches(part.apply(client));
    };
  }

  private Predicate<PolicyFacts> trustDomain(String value) {
    if (value.indexOf('/') >= 0) {
      throw new IllegalArgumentException("\"" + value + "\": a trust domain has no /");
    }
    Predicate<PolicyFacts> any = _ -> false;
    for (String domain : TrustDomains.expandDomain(value, trustDomains)) {
      any = any.or(identity(domain, ClientIdentity::trustDomain));
    }
    return any;
  }

  private Predicate<PolicyFacts> serviceAccount(String value) {
    int slash = value.indexOf('/');
    String namespace = slash < 0 ? policyNamespace : value.substring(0, slash);
    String account = value.substring(slash + 1);
    if (value.isEmpty()
        || value.length() > 320
        || value.indexOf('*') >= 0
        || account.indexOf('/') >= 0) {
      throw new IllegalArgumentException(
          "\"" + value + "\": expected <service account> or <namespace>/<service account>");
    }
    return facts -> {
      @Nullable ClientIdentity client = facts.client();
      return client != null
          && client.namespace().equals(namespace)
          && client.serviceAccount().equals(account);
    };
  }

  private static Predicate<PolicyFacts> block(
      String value, Function<PolicyFacts, @Nullable InetAddress> which) {
    AddressBlock block = AddressBlock.parse(value);
    return facts -> block.contains(which.apply(facts));
  }

  private static Predicate<PolicyFacts> port(String value) {
    int port;
    try {
      port = Integer.parseInt(value);
    } catch (NumberFormatException _) {
      port = 0;
    }
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("\"" + value + "\" is not a port");
    }
    int wanted = port;
    return facts -> facts.destination().getPort() == wanted;
  }

  private static Predicate<PolicyFacts> onHead(
      String value, boolean ignoreCase, Function<Head, Long> part) {
    TextMatcher matcher =
        TextMatcher.parse(ignoreCase ? value.toLowerCase(Locale.ROOT) : value, ignoreCase);
    return facts -> {
      @Nullable Head head = facts.head();
      return head != null && matcher.matches(head, part.apply(head));
    };
  }

  private static Predicate<PolicyFacts> path(String value) {
    if (PathTemplate.isTemplate(value)) {
      var template = PathTemplate.compile(value);
      return facts -> {
        @Nullable Head head = facts.head();
        return head != null && template.matches(head.text(head.path()));
      };
    }
    return onHead(value, false, Head::path);
  }

  private static Predicate<PolicyFacts> header(HeaderName name, String value) {
    TextMatcher matcher = TextMatcher.parse(value, false);
    boolean presence = value.equals("*");
    return facts -> {
      @Nullable Head head = facts.head();
      int first = head == null ? -1 : head.find(name, 0);
      if (head == null || first < 0) {
        return false;
      }
      if (presence) {
        return true;
      }
      if (head.find(name, first + 1) < 0) {
        return matcher.matches(head, head.value(first));
      }
      @Nullable String joined = head.get(name);
      return joined != null && matcher.matches(joined);
    };
  }
}
