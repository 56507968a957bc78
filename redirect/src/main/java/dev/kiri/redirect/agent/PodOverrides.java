package dev.kiri.redirect.agent;

import dev.kiri.redirect.rules.InterfaceName;
import dev.kiri.redirect.rules.PodCapture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a pod's annotations say about its capture. Pure.
///
/// @param capture what is captured
/// @param warnings annotations that were not understood and count as absent
record PodOverrides(PodCapture capture, List<String> warnings) {
  PodOverrides {
    warnings = List.copyOf(warnings);
  }

  static PodOverrides of(Map<String, String> annotations, boolean dnsByDefault) {
    var reader = new Reader(annotations);
    var bypass = reader.flag(MeshLabels.BYPASS_INBOUND);
    var dns = reader.flag(MeshLabels.DNS_CAPTURE);
    var interfaces = reader.interfaces();
    return new PodOverrides(
        new PodCapture(!Boolean.TRUE.equals(bypass), dns == null ? dnsByDefault : dns, interfaces),
        reader.warnings);
  }

  private static final class Reader {
    private final Map<String, String> annotations;
    private final List<String> warnings = new ArrayList<>();

    Reader(Map<String, String> annotations) {
      this.annotations = annotations;
    }

    // The spellings of Go's strconv.ParseBool.
    @Nullable Boolean flag(String key) {
      var value = annotations.get(key);
      if (value == null) {
        return null;
      }
      return switch (value) {
        case "1", "t", "T", "TRUE", "true", "True" -> Boolean.TRUE;
        case "0", "f", "F", "FALSE", "false", "False" -> Boolean.FALSE;
        default -> {
          warnings.add("annotation " + key + "=" + value + " is no boolean and is ignored");
          yield null;
        }
      };
    }

    List<InterfaceName> interfaces() {
      var names = new ArrayList<InterfaceName>();
      for (var entry : annotations.getOrDefault(MeshLabels.VIRTUAL_INTERFACES, "").split(",")) {
        var name = entry.strip();
        if (InterfaceName.isValid(name)) {
          names.add(new InterfaceName(name));
        } else if (!name.isEmpty()) {
          warnings.add(
              "annotation "
                  + MeshLabels.VIRTUAL_INTERFACES
                  + ": "
                  + name
                  + " is no interface name and is ignored");
        }
      }
      return names;
    }
  }
}
