package dev.kiri.waypoint.route;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Changes to a head's fields, in Envoy's order: removals, then replacements, then additions.
public record HeaderEdits(List<HeaderName> remove, List<Field> set, List<Field> add) {
  public static final HeaderEdits NONE = new HeaderEdits(List.of(), List.of(), List.of());

  /// A field to write.
  ///
  /// @param format null: the value as it stands
  public record Field(HeaderName name, String value, @Nullable ValueFormat format) {
    public Field(HeaderName name, String value) {
      this(name, value, null);
    }

    String text(ValueFormat.Variables variables) {
      return format == null ? value : format.text(variables);
    }
  }

  public HeaderEdits {
    remove = List.copyOf(remove);
    set = List.copyOf(set);
    add = List.copyOf(add);
  }

  /// `Host` among the replacements changes the authority; it cannot be removed or added to.
  public void applyToRequest(Head head, ValueFormat.Variables variables) {
    for (int i = 0; i < set.size(); i++) {
      if (set.get(i).name().equals(HeaderName.HOST)) {
        head.authority(head.append(set.get(i).text(variables)));
      }
    }
    apply(head, variables);
  }

  public void apply(Head head, ValueFormat.Variables variables) {
    for (int i = 0; i < remove.size(); i++) {
      head.remove(remove.get(i));
    }
    for (int i = 0; i < set.size(); i++) {
      Field field = set.get(i);
      if (!field.name().equals(HeaderName.HOST)) {
        head.set(field.name(), field.text(variables));
      }
    }
    for (int i = 0; i < add.size(); i++) {
      Field field = add.get(i);
      if (!field.name().equals(HeaderName.HOST)) {
        head.add(field.name(), field.text(variables));
      }
    }
  }

  /// What is written, for an answer that has none of its own.
  public List<Field> written(ValueFormat.Variables variables) {
    List<Field> fields = new ArrayList<>();
    set.forEach(field -> fields.add(new Field(field.name(), field.text(variables))));
    add.forEach(field -> fields.add(new Field(field.name(), field.text(variables))));
    return fields;
  }

  public boolean isEmpty() {
    return remove.isEmpty() && set.isEmpty() && add.isEmpty();
  }
}
