package io.faultline.demo.kvm.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/**
 * {@code /dev/kvm}: queries the capabilities of KVM and creates VMs
 * (Documentation/virt/kvm/api.rst).
 *
 * <p>Thread-safe, except for closing.
 */
public final class Kvm implements AutoCloseable {
  private static final String DEVICE = "/dev/kvm";
  private static final int API_VERSION = 12;

  private static final long GET_API_VERSION = 0xae00L;
  private static final long CREATE_VM = 0xae01L;
  private static final long GET_MSR_INDEX_LIST = 0xc004ae02L;
  private static final long CHECK_EXTENSION = 0xae03L;
  private static final long GET_VCPU_MMAP_SIZE = 0xae04L;
  private static final long GET_SUPPORTED_CPUID = 0xc008ae05L;

  /** Far more than any processor needs. */
  private static final int MAX_CPUID_ENTRIES = 512;

  private static final int MAX_MSRS = 4096;

  private final Fd fd;

  private Kvm(Fd fd) {
    this.fd = fd;
  }

  /**
   * Opens the device.
   *
   * @throws SystemCallException ENOENT, EACCES, ENODEV, with a command that may help
   * @throws UnsupportedOperationException on another processor than x86-64, or another version of
   *     the interface
   */
  public static Kvm open() {
    String machine = System.getProperty("os.arch", "");
    if (!machine.equals("amd64")) {
      throw new UnsupportedOperationException("KVM VMs need x86-64; this machine is " + machine);
    }
    int number = Libc.open(DEVICE, Libc.O_RDWR | Libc.O_CLOEXEC);
    if (number < 0) {
      throw new SystemCallException("open(" + DEVICE + ")", -number, hint(-number));
    }
    Kvm kvm = new Kvm(new Fd(number));
    int version = kvm.fd.call("KVM_GET_API_VERSION", GET_API_VERSION, 0);
    if (version != API_VERSION) {
      kvm.close();
      throw new UnsupportedOperationException(
          "KVM's interface has version " + version + "; version " + API_VERSION + " is needed");
    }
    return kvm;
  }

  /** The value of an extension; 0 if KVM does not have it. */
  public int check(Capability capability) {
    return fd.call("KVM_CHECK_EXTENSION(" + capability + ")", CHECK_EXTENSION, capability.number());
  }

  /** The CPUID leaves that a vCPU can have on this host. */
  public List<CpuidEntry> supportedCpuid() {
    byte[] bytes = CpuidEntry.room(MAX_CPUID_ENTRIES);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment argument = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      fd.call("KVM_GET_SUPPORTED_CPUID", GET_SUPPORTED_CPUID, argument.address());
      return CpuidEntry.decode(argument.toArray(JAVA_BYTE));
    }
  }

  /** The model-specific registers that make up a vCPU's state here, ascending. */
  public int[] msrIndexes() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment list = arena.allocate(JAVA_INT, 1 + MAX_MSRS);
      list.set(JAVA_INT, 0, MAX_MSRS);
      fd.call("KVM_GET_MSR_INDEX_LIST", GET_MSR_INDEX_LIST, list.address());
      int count = list.get(JAVA_INT, 0);
      int[] indexes = list.asSlice(Integer.BYTES, count * (long) Integer.BYTES).toArray(JAVA_INT);
      Arrays.sort(indexes);
      return indexes;
    }
  }

  /** Creates a VM without memory and vCPUs. */
  public KvmMachine createMachine() {
    int runPageBytes = fd.call("KVM_GET_VCPU_MMAP_SIZE", GET_VCPU_MMAP_SIZE, 0);
    int xsaveBytes = Math.max(Xsave.MIN_SIZE, check(Capability.XSAVE2));
    return new KvmMachine(new Fd(fd.call("KVM_CREATE_VM", CREATE_VM, 0)), runPageBytes, xsaveBytes);
  }

  @Override
  public void close() {
    fd.close();
  }

  private static String hint(int errno) {
    return switch (errno) {
      case Errno.ENOENT, Errno.ENODEV ->
          "this machine has no KVM (in a VM: nested virtualization is off);"
              + " try: sudo modprobe -a kvm_intel kvm_amd";
      case Errno.EACCES, Errno.EPERM ->
          "this user has no access; run: sudo usermod -aG kvm $USER (then log in again);"
              + " if that group has no access either: sudo chmod 666 "
              + DEVICE;
      default -> "";
    };
  }
}
