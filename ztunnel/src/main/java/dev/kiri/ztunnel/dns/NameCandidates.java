package dev.kiri.ztunnel.dns;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// Which host names a client may have meant by the name it asked for: the name itself, what
/// Kubernetes lets it leave out, and both again without a search domain that its resolver has
/// appended. Pure.
///
/// @param hostname what to look for
/// @param labels how many labels of the asked name are left: fewer than it has where a search
///     domain was taken off
record NameCandidates(String hostname, int labels) {

  /// In the order in which they are tried. `searches` are the client's search domains.
  static List<NameCandidates> of(
      DnsName asked, String namespace, List<String> searches, String domain) {
    var found = new LinkedHashMap<String, Integer>();
    add(found, asked.text(), asked.labels(), namespace, domain);
    for (var search : searches) {
      var suffix = "." + search;
      if (asked.text().endsWith(suffix)) {
        var stripped = asked.text().substring(0, asked.text().length() - suffix.length());
        add(found, stripped, count(stripped), namespace, domain);
      }
    }
    var candidates = new ArrayList<NameCandidates>(found.size());
    found.forEach((hostname, labels) -> candidates.add(new NameCandidates(hostname, labels)));
    return candidates;
  }

  private static void add(
      LinkedHashMap<String, Integer> found,
      String name,
      int labels,
      String namespace,
      String domain) {
    found.putIfAbsent(name, labels);
    for (var longer : expansions(name, namespace, domain)) {
      found.putIfAbsent(longer, labels);
    }
  }

  /// What a name of a Kubernetes service stands for in full.
  static List<String> expansions(String name, String namespace, String domain) {
    var service = name + ".svc." + domain;
    boolean unfinished = name.endsWith(".svc");
    return switch (count(name)) {
      case 1 -> List.of(name + "." + namespace + ".svc." + domain);
      case 2 -> List.of(service, name + "." + namespace + ".svc." + domain);
      case 3 -> unfinished ? List.of(name + "." + domain, service) : List.of(service);
      case 4 -> unfinished ? List.of(name + "." + domain) : List.of();
      default -> List.of();
    };
  }

  /// The host name itself, then the wildcards that cover it, the narrowest first.
  List<String> forms() {
    var forms = new ArrayList<String>();
    forms.add(hostname);
    for (int dot = hostname.indexOf('.'); dot >= 0; dot = hostname.indexOf('.', dot + 1)) {
      forms.add("*" + hostname.substring(dot));
    }
    return forms;
  }

  private static int count(String name) {
    return name.isEmpty() ? 0 : 1 + (int) name.chars().filter(c -> c == '.').count();
  }
}
