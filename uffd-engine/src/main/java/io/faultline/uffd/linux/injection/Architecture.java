package io.faultline.uffd.linux.injection;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.Locale;

/**
 * What differs between architectures: the registers of {@code NT_PRSTATUS} ({@code struct
 * user_regs_struct}, {@code struct user_pt_regs}), the instruction of a system call, and numbers.
 *
 * <pre>
 *   x86-64    r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp
 *             0   1   2   3   4   5   6   7   8  9  10  11  12  13  14  15       16  17 18     19
 *             ss fs_base gs_base ds es fs gs
 *             20 21      22      23 24 25 26
 *   aarch64   x0 ... x30 sp pc pstate
 *             0      30  31 32 33
 * </pre>
 *
 * The part for aarch64 was written from the kernel's sources, and never ran.
 */
final class Architecture {
  private static final int NOT_THERE = -1;
  private static final long NONE = -1;

  static final Architecture X86_64 =
      new Architecture(
          27,
          new int[] {14, 13, 12, 7, 9, 8},
          10,
          10,
          16,
          15,
          new byte[] {0x0f, 0x05},
          1,
          3,
          16,
          323);

  /** The kernel leaves the interrupted call itself, before it reports the stop (do_signal). */
  static final Architecture AARCH64 =
      new Architecture(
          34,
          new int[] {0, 1, 2, 3, 4, 5},
          8,
          0,
          32,
          NOT_THERE,
          new byte[] {0x01, 0x00, 0x00, (byte) 0xd4},
          4,
          57,
          29,
          282);

  private final int registerCount;
  private final int[] arguments;
  private final int number;
  private final int result;
  private final int instructionPointer;
  private final int interruptedCall;
  private final byte[] instruction;
  private final int instructionAlignment;
  private final long close;
  private final long ioctl;
  private final long userfaultfd;

  private Architecture(
      int registerCount,
      int[] arguments,
      int number,
      int result,
      int instructionPointer,
      int interruptedCall,
      byte[] instruction,
      int instructionAlignment,
      long close,
      long ioctl,
      long userfaultfd) {
    this.registerCount = registerCount;
    this.arguments = arguments;
    this.number = number;
    this.result = result;
    this.instructionPointer = instructionPointer;
    this.interruptedCall = interruptedCall;
    this.instruction = instruction;
    this.instructionAlignment = instructionAlignment;
    this.close = close;
    this.ioctl = ioctl;
    this.userfaultfd = userfaultfd;
  }

  /**
   * The architecture of this machine.
   *
   * @throws UnsupportedOperationException on another one
   */
  static Architecture current() {
    String name = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return switch (name) {
      case "amd64", "x86_64" -> X86_64;
      case "aarch64" -> AARCH64;
      default ->
          throw new UnsupportedOperationException(
              "system calls in other processes are supported on x86-64 and aarch64, this is "
                  + name);
    };
  }

  /** The bytes of the registers of a 64-bit thread. */
  long registersBytes() {
    return (long) registerCount * Long.BYTES;
  }

  /** Prepares registers for a system call: the thread continues at {@code instructionAddress}. */
  void prepareCall(MemorySegment registers, long instructionAddress, SystemCall call) {
    if (interruptedCall != NOT_THERE) { // the kernel would restart it now
      registers.setAtIndex(JAVA_LONG, interruptedCall, NONE);
    }
    registers.setAtIndex(JAVA_LONG, instructionPointer, instructionAddress);
    for (int i = 0; i < arguments.length; i++) {
      registers.setAtIndex(JAVA_LONG, arguments[i], call.argument(i));
    }
    registers.setAtIndex(JAVA_LONG, number, call.number());
  }

  /** The result in the registers after a call: negated errno for an error. */
  long result(MemorySegment registers) {
    return registers.getAtIndex(JAVA_LONG, result);
  }

  /** The offset of the first system call instruction in code, or -1. */
  int findInstruction(byte[] code, int lengthBytes) {
    for (int at = 0; at + instruction.length <= lengthBytes; at += instructionAlignment) {
      int matching = 0;
      while (matching < instruction.length && code[at + matching] == instruction[matching]) {
        matching++;
      }
      if (matching == instruction.length) {
        return at;
      }
    }
    return -1;
  }

  long closeNumber() {
    return close;
  }

  long ioctlNumber() {
    return ioctl;
  }

  long userfaultfdNumber() {
    return userfaultfd;
  }
}
