package dev.kiri.bench.load;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/// Connections that are used once each and then only held, until told to let go.
record Hold(InetSocketAddress server, int connections) {

  /// Tells how many stand; returns what became of them when `until` has ended. A connection that
  /// cannot be opened is an error of the first report and ends the opening.
  Map<String, Object> run(InputStream until, Consumer<Map<String, Object>> standing)
      throws IOException {
    var held = new ArrayList<HttpConnection>();
    try {
      int errors = open(held);
      standing.accept(Map.of("held", held.size(), "errors", errors));
      until.transferTo(java.io.OutputStream.nullOutputStream());
      return states(held);
    } finally {
      for (var connection : held) {
        connection.close();
      }
    }
  }

  private int open(List<HttpConnection> held) {
    var response = HttpConnection.responseBuffer();
    try {
      while (held.size() < connections) {
        var connection = HttpConnection.open(server, "/1k", true, response);
        held.add(connection);
        connection.exchange();
      }
      return 0;
    } catch (IOException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }

  private static Map<String, Object> states(List<HttpConnection> held) {
    var counts = new EnumMap<HttpConnection.State, Integer>(HttpConnection.State.class);
    for (var connection : held) {
      counts.merge(connection.state(), 1, Integer::sum);
    }
    var result = new LinkedHashMap<String, Object>();
    for (var state : HttpConnection.State.values()) {
      result.put(state.name().toLowerCase(Locale.ROOT), counts.getOrDefault(state, 0));
    }
    return result;
  }
}
