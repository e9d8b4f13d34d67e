package io.faultline.cli.bench.qemu;

import io.faultline.demo.kvm.FirmwareGuest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The QEMU of this machine. */
public final class Qemu {
  /** As installed on the {@code PATH}. */
  public static final String PROGRAM = "qemu-system-x86_64";

  /** What helps where there is none. */
  public static final String REMEDY = "sudo apt-get install qemu-system-x86";

  private static final Pattern VERSION = Pattern.compile("version (\\S+(?: \\([^)]*\\))?)");

  private Qemu() {}

  /** The version in what {@code --version} prints; empty where there is none. */
  public static Optional<String> version(String output) {
    Matcher matcher = VERSION.matcher(output);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** The command of a machine that runs a guest, without what sets two of them apart. */
  static List<String> command(FirmwareGuest guest, Path firmware, boolean huge) {
    long bytes = guest.memoryBytes();
    String backend = huge ? "memory-backend-memfd" : "memory-backend-ram";
    String pages = huge ? ",hugetlb=on,hugetlbsize=2M" : "";
    List<String> command = new ArrayList<>(List.of(PROGRAM, "-accel", "kvm", "-nodefaults"));
    command.addAll(List.of("-display", "none", "-machine", "pc,memory-backend=ram"));
    command.addAll(List.of("-m", (bytes >> 20) + "M", "-smp", "1", "-bios", firmware.toString()));
    command.addAll(List.of("-object", backend + ",id=ram,size=" + bytes + pages));
    return command;
  }
}
