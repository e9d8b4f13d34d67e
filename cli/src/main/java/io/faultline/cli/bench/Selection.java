package io.faultline.cli.bench;

import io.faultline.cli.options.UsageException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which cases were asked for, by their names or by those of figures. */
final class Selection {
  private final Set<String> names;
  private final boolean quick;

  private Selection(Set<String> names, boolean quick) {
    this.names = names;
    this.quick = quick;
  }

  /**
   * What the user asked for.
   *
   * @param names none for all
   * @param quick whether none means those of a first look
   * @param cases those there are, without the floor and QEMU
   * @throws UsageException where a name is of none
   */
  static Selection of(List<String> names, boolean quick, List<BenchCase> cases) {
    Set<String> known = new TreeSet<>();
    cases.forEach(each -> known.add(each.name()));
    Arrays.stream(Figure.values()).forEach(figure -> known.add(figure.key()));
    for (String name : names) {
      if (!known.contains(name)) {
        throw new UsageException("--only: '" + name + "' is none of: " + String.join(", ", known));
      }
    }
    return new Selection(Set.copyOf(names), quick);
  }

  /** Those of the cases that were asked for; what is beside a case goes with it. */
  List<BenchCase> from(List<BenchCase> cases) {
    return cases.stream().filter(this::has).toList();
  }

  private boolean has(BenchCase each) {
    if (names.isEmpty()) {
      return !quick || Cases.isQuick(each);
    }
    return names.contains(each.counterpart()) || names.contains(each.figure().key());
  }
}
