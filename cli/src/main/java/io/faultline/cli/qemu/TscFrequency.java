package io.faultline.cli.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The frequency of this machine's time stamp counter, which binary translation shows to its guest,
 * as far as it is known without {@code /dev/kvm}. Only a guest's measurements of time depend on it.
 */
public final class TscFrequency {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");
  private static final Pattern MHZ = Pattern.compile("cpu MHz\\s*: ([0-9]+)");
  private static final int KHZ_PER_MHZ = 1000;
  private static final int USUAL_MHZ = 2500;

  private TscFrequency() {}

  /** In kHz: that of the first CPU, which the kernel shows. */
  public static int khz() throws IOException {
    Matcher mhz = MHZ.matcher(Files.readString(CPUINFO));
    return KHZ_PER_MHZ * (mhz.find() ? Integer.parseInt(mhz.group(1)) : USUAL_MHZ);
  }
}
