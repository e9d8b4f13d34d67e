package io.faultline.cli.bench.qemu;

import io.faultline.demo.kvm.FirmwareGuest;
import io.faultline.qemu.process.Accelerator;
import io.faultline.qemu.process.QemuCommand;
import io.faultline.qemu.process.QemuProgram;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The QEMU that is installed on this machine. */
public final class Qemu {
  /** Its name on the {@code PATH}. */
  public static final String PROGRAM = QemuProgram.NAME;

  /** The command that installs it. */
  public static final String REMEDY = QemuProgram.REMEDY;

  private static final Pattern VERSION = Pattern.compile("version (\\S+(?: \\([^)]*\\))?)");

  private Qemu() {}

  /** Parses the output of {@code --version}; empty if it has no version. */
  public static Optional<String> version(String output) {
    Matcher matcher = VERSION.matcher(output);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** The command line that both QEMUs of a migration share. */
  static QemuCommand command(FirmwareGuest guest, Path firmware, QemuSettings settings) {
    String ram =
        settings.huge() ? "memory-backend-memfd,hugetlb=on,hugetlbsize=2M" : "memory-backend-ram";
    Accelerator accelerator = settings.kvm() ? Accelerator.KVM : Accelerator.TCG;
    return QemuCommand.withRam(PROGRAM, accelerator, guest.memoryBytes(), ram)
        .with("-bios", firmware.toString());
  }
}
