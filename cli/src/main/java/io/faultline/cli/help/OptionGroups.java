package io.faultline.cli.help;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Member;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Sorts the visible options of a command into groups. */
public final class OptionGroups {
  private OptionGroups() {}

  /** Groups in the order of {@link OptionGroup}, without empty ones; options as declared. */
  public static Map<OptionGroup, List<OptionSpec>> of(CommandSpec command) {
    Map<OptionGroup, List<OptionSpec>> groups = new EnumMap<>(OptionGroup.class);
    for (OptionSpec option : command.options()) {
      if (!option.hidden()) {
        groups.computeIfAbsent(groupOf(option), group -> new ArrayList<>()).add(option);
      }
    }
    return groups;
  }

  private static OptionGroup groupOf(OptionSpec option) {
    if (!(option.userObject() instanceof AnnotatedElement field)) {
      return OptionGroup.OTHER;
    }
    @Nullable InGroup group = field.getAnnotation(InGroup.class);
    if (group == null && field instanceof Member member) {
      group = member.getDeclaringClass().getAnnotation(InGroup.class);
    }
    return group == null ? OptionGroup.OTHER : group.value();
  }
}
