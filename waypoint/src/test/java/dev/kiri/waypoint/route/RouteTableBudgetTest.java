package dev.kiri.waypoint.route;

import static dev.kiri.waypoint.route.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.kiri.waypoint.head.Head;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/// Looking a request up among 5 000 routes makes no object, however often it is done.
class RouteTableBudgetTest {
  private static final int ROUTES = 5_000;

  @Test
  void a_look_up_among_many_routes_allocates_nothing() {
    var routes = Requests.route();
    for (int i = 0; i < ROUTES; i++) {
      routes.rule("r" + i, Requests.prefix("/team" + i % 50 + "/service" + i));
    }
    var table = new RouteTable(routes.matches());
    Head head = request("GET /team7/service2507/items/1?x=y", "x-a: b");
    assertThat(Requests.chosen(table, head)).isEqualTo("r2507");
    look(table, head, 20_000);

    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    look(table, head, 20_000);
    long used = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(used).isLessThan(20_000);
  }

  private static void look(RouteTable table, Head head, int times) {
    for (int i = 0; i < times; i++) {
      if (table.decide(head, RouteClient.UNKNOWN) instanceof RouteDecision.NoMatch) {
        throw new AssertionError("lost at look-up " + i);
      }
    }
  }
}
