package io.faultline.demo.kvm;

import io.faultline.demo.kvm.linux.CpuidEntry;
import io.faultline.demo.kvm.linux.Msrs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Compares the features that a VM uses with those of a host, and names the missing ones. */
final class HostCheck {
  private static final double TSC_TOLERANCE = 250e-6;

  private enum Register {
    EAX,
    EBX,
    ECX,
    EDX
  }

  private record Bits(int function, int index, Register register) {
    int of(CpuidEntry entry) {
      return switch (register) {
        case EAX -> entry.eax();
        case EBX -> entry.ebx();
        case ECX -> entry.ecx();
        case EDX -> entry.edx();
      };
    }
  }

  /** Feature bits of CPUID (Intel SDM volume 2; AMD APM volume 3, appendix E). */
  private static final List<Bits> FEATURES =
      List.of(
          new Bits(1, 0, Register.ECX),
          new Bits(1, 0, Register.EDX),
          new Bits(7, 0, Register.EBX),
          new Bits(7, 0, Register.ECX),
          new Bits(7, 0, Register.EDX),
          new Bits(7, 1, Register.EAX),
          new Bits(0xd, 0, Register.EAX),
          new Bits(0xd, 1, Register.EAX),
          new Bits(0x80000001, 0, Register.ECX),
          new Bits(0x80000001, 0, Register.EDX),
          new Bits(0x80000007, 0, Register.EDX),
          new Bits(0x80000008, 0, Register.EBX),
          new Bits(0x40000001, 0, Register.EAX));

  /** Names of well-known features. */
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("1.ECX.0", "sse3"),
          Map.entry("1.ECX.12", "fma"),
          Map.entry("1.ECX.19", "sse4_1"),
          Map.entry("1.ECX.20", "sse4_2"),
          Map.entry("1.ECX.21", "x2apic"),
          Map.entry("1.ECX.23", "popcnt"),
          Map.entry("1.ECX.24", "tsc_deadline_timer"),
          Map.entry("1.ECX.25", "aes"),
          Map.entry("1.ECX.26", "xsave"),
          Map.entry("1.ECX.28", "avx"),
          Map.entry("1.ECX.30", "rdrand"),
          Map.entry("7.EBX.0", "fsgsbase"),
          Map.entry("7.EBX.3", "bmi1"),
          Map.entry("7.EBX.5", "avx2"),
          Map.entry("7.EBX.8", "bmi2"),
          Map.entry("7.EBX.16", "avx512f"),
          Map.entry("7.EBX.29", "sha_ni"),
          Map.entry("80000001.EDX.26", "pdpe1gb"),
          Map.entry("80000001.EDX.27", "rdtscp"));

  private HostCheck() {}

  /** What the host lacks, human-readable; empty if the VM can run there. */
  static List<String> missing(HostProfile wanted, HostProfile here) {
    List<String> missing = new ArrayList<>();
    TreeSet<String> capabilities = new TreeSet<>(wanted.capabilities());
    capabilities.removeAll(here.capabilities());
    capabilities.forEach(name -> missing.add("the KVM capability " + name));
    TreeSet<Integer> msrs = new TreeSet<>(wanted.msrs());
    msrs.removeAll(here.msrs());
    msrs.forEach(index -> missing.add(Msrs.name(index)));
    addVendor(wanted, here, missing);
    FEATURES.forEach(bits -> addFeatures(bits, wanted, here, missing));
    if (wanted.xsaveBytes() != here.xsaveBytes()) {
      missing.add(
          String.format(
              "extended processor state of %d bytes (here: %d)",
              wanted.xsaveBytes(), here.xsaveBytes()));
    }
    double drift = Math.abs(wanted.tscKhz() / (double) here.tscKhz() - 1);
    if (drift > TSC_TOLERANCE && !here.tscScales()) {
      missing.add(
          String.format(
              "TSC scaling, for a TSC of %d kHz (here: %d kHz)", wanted.tscKhz(), here.tscKhz()));
    }
    return missing;
  }

  private static void addVendor(HostProfile wanted, HostProfile here, List<String> missing) {
    Optional<CpuidEntry> there = find(wanted, 0, 0);
    Optional<CpuidEntry> own = find(here, 0, 0);
    if (there.isPresent()
        && own.isPresent()
        && (there.get().ebx() != own.get().ebx() || there.get().ecx() != own.get().ecx())) {
      missing.add("a processor of the same vendor");
    }
  }

  private static void addFeatures(
      Bits bits, HostProfile wanted, HostProfile here, List<String> missing) {
    int there = find(wanted, bits.function(), bits.index()).map(bits::of).orElse(0);
    int own = find(here, bits.function(), bits.index()).map(bits::of).orElse(0);
    for (int left = there & ~own; left != 0; left &= left - 1) {
      missing.add(name(bits, Integer.numberOfTrailingZeros(left)));
    }
  }

  private static Optional<CpuidEntry> find(HostProfile profile, int function, int index) {
    return profile.cpuid().stream()
        .filter(entry -> entry.function() == function && entry.index() == index)
        .findFirst();
  }

  private static String name(Bits bits, int bit) {
    String leaf = String.format("%x", bits.function());
    String known = bits.index() == 0 ? NAMES.get(leaf + "." + bits.register() + "." + bit) : null;
    String place =
        String.format("CPUID 0x%s.%d %s bit %d", leaf, bits.index(), bits.register(), bit);
    return known == null ? place : "the processor feature " + known + " (" + place + ")";
  }
}
