package dev.kiri.local.command;

import dev.kiri.local.api.Json;
import dev.kiri.local.api.MeshException;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.Yaml;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Shows objects with their status.
@Command(
    name = "get",
    description = "Show objects of the running mesh.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./kiri get pods -n shop",
      "  ./kiri get deploy,svc -A -o wide",
      "  ./kiri get gateway -A -o yaml",
      "  ./kiri get svc shop/catalog -o json"
    })
final class GetCommand implements Callable<Integer> {
  /// How objects are shown.
  enum Output {
    TABLE,
    WIDE,
    YAML,
    JSON,
    NAME
  }

  @Mixin MeshName name = new MeshName();

  @Option(
      names = {"-n", "--namespace"},
      description = "the namespace (default: default)")
  @Nullable String namespace;

  @Option(
      names = {"-A", "--all-namespaces"},
      description = "all namespaces")
  boolean all;

  @Option(
      names = {"-o", "--output"},
      defaultValue = "TABLE",
      description = "wide, yaml, json or name")
  Output output = Output.TABLE;

  @Parameters(index = "0", paramLabel = "KIND[,KIND...]")
  String kind = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "NS/NAME")
  @Nullable String object;

  @Override
  public Integer call() {
    var kinds =
        Stream.of(kind.split(",", -1)).map(typed -> ObjectNames.kind(typed).name()).toList();
    var where = namespace == null ? "default" : namespace;
    var mesh = name.mesh();
    if (object != null) {
      if (kinds.size() > 1) {
        throw new NotUnderstood("one object is of one kind; accepted: get KIND NS/NAME");
      }
      var key = ObjectNames.key(kind, object, where);
      var found = mesh.object(key).orElseThrow(() -> new MeshException(key + " does not exist"));
      print(List.of(found), found.fields(), false);
      return 0;
    }
    var objects =
        kinds.stream()
            .distinct()
            .flatMap(each -> mesh.objects(each, all ? "" : where).stream())
            .toList();
    var list =
        Map.<String, Object>of(
            "apiVersion",
            "v1",
            "kind",
            "List",
            "items",
            objects.stream().map(KubeObject::fields).toList());
    print(objects, list, all);
    return 0;
  }

  private void print(List<KubeObject> objects, Map<String, Object> whole, boolean withNamespace) {
    switch (output) {
      case YAML -> System.out.print(Yaml.text(ordered(whole)));
      case JSON -> System.out.println(Json.pretty(ordered(whole)));
      case NAME ->
          objects.forEach(
              o ->
                  System.out.println(o.kind().toLowerCase(java.util.Locale.ROOT) + "/" + o.name()));
      case TABLE, WIDE ->
          System.out.print(Tables.of(objects, withNamespace, output == Output.WIDE));
    }
  }

  private static Map<String, Object> ordered(Map<String, Object> whole) {
    var out = new java.util.LinkedHashMap<String, Object>();
    for (var first : List.of("apiVersion", "kind", "metadata", "spec", "status")) {
      if (whole.containsKey(first)) {
        out.put(first, whole.get(first));
      }
    }
    whole.forEach(out::putIfAbsent);
    return out;
  }
}
