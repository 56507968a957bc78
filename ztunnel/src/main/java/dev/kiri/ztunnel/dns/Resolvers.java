package dev.kiri.ztunnel.dns;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The name servers that are asked for what the mesh does not know, as resolv.conf(5) lists them.
/// Immutable.
///
/// @param servers in the order in which they are asked, at most three
/// @param searches the search domains of this file
/// @param timeout how long one server has for an answer
/// @param attempts how often each is asked
public record Resolvers(
    List<InetSocketAddress> servers, List<String> searches, Duration timeout, int attempts) {
  private static final int PORT = 53;
  private static final int MAX_SERVERS = 3;
  private static final int MAX_TIMEOUT = 30;
  private static final int MAX_ATTEMPTS = 5;

  /// No servers: only what the mesh knows can be answered.
  public static final Resolvers NONE =
      new Resolvers(List.of(), List.of(), Duration.ofSeconds(5), 2);

  public Resolvers {
    servers = List.copyOf(servers);
    searches = List.copyOf(searches);
  }

  /// These servers, with the usual patience.
  public static Resolvers of(InetSocketAddress... servers) {
    return new Resolvers(List.of(servers), NONE.searches(), NONE.timeout(), NONE.attempts());
  }

  /// Reads the text of such a file; what is malformed is passed over, as the C library does.
  public static Resolvers parse(String text) {
    var servers = new ArrayList<InetSocketAddress>();
    List<String> searches = List.of();
    int timeout = Math.toIntExact(NONE.timeout().toSeconds());
    int attempts = NONE.attempts();
    for (var line : text.lines().toList()) {
      var words = line.strip().split("\\s+");
      switch (words[0]) {
        case "nameserver" -> {
          if (words.length > 1 && servers.size() < MAX_SERVERS) {
            addServer(servers, words[1]);
          }
        }
        case "search", "domain" -> searches = Arrays.asList(words).subList(1, words.length);
        case "options" -> {
          for (var option : words) {
            timeout = number(option, "timeout:", timeout, MAX_TIMEOUT);
            attempts = number(option, "attempts:", attempts, MAX_ATTEMPTS);
          }
        }
        default -> {} // comments, and what concerns the C library only
      }
    }
    return new Resolvers(servers, searches, Duration.ofSeconds(timeout), attempts);
  }

  private static void addServer(List<InetSocketAddress> servers, String address) {
    try {
      // a zone behind % names an interface of this machine, which pods do not have
      var literal = InetAddress.ofLiteral(address.replaceFirst("%.*", ""));
      servers.add(new InetSocketAddress(literal, PORT));
    } catch (IllegalArgumentException malformed) {
      // passed over
    }
  }

  private static int number(String option, String name, int otherwise, int limit) {
    if (!option.startsWith(name)) {
      return otherwise;
    }
    try {
      return Math.clamp(Integer.parseInt(option.substring(name.length())), 1, limit);
    } catch (NumberFormatException malformed) {
      return otherwise;
    }
  }
}
