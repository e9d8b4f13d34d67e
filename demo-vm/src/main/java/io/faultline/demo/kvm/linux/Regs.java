package io.faultline.demo.kvm.linux;

import java.util.Locale;

/**
 * {@code struct kvm_regs} (asm/kvm.h): eighteen registers of 64 bits.
 *
 * <pre>
 *  0    8    16   24   32   40   48   56   64         128  136
 *  +----+----+----+----+----+----+----+----+----...----+----+-------+
 *  |rax |rbx |rcx |rdx |rsi |rdi |rsp |rbp |r8 ... r15 |rip |rflags |
 *  +----+----+----+----+----+----+----+----+----...----+----+-------+
 * </pre>
 */
public final class Regs {
  static final int SIZE = 144;

  /** The registers, in the order of the structure. */
  public enum Name {
    RAX,
    RBX,
    RCX,
    RDX,
    RSI,
    RDI,
    RSP,
    RBP,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
    RIP,
    RFLAGS
  }

  static {
    assert Name.values().length * Long.BYTES == SIZE;
  }

  private final byte[] bytes;

  /**
   * @param bytes the structure; not copied
   * @throws IllegalArgumentException if they do not have its size
   */
  public Regs(byte[] bytes) {
    this.bytes = StateBytes.sized("kvm_regs", bytes, SIZE);
  }

  /** The structure; not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  /** All zero. */
  public static Regs zero() {
    return new Regs(new byte[SIZE]);
  }

  public long get(Name name) {
    return StateBytes.getLong(bytes, name.ordinal() * Long.BYTES);
  }

  public Regs set(Name name, long value) {
    StateBytes.setLong(bytes, name.ordinal() * Long.BYTES, value);
    return this;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Name name : Name.values()) {
      text.append(String.format("%s=%x ", name.name().toLowerCase(Locale.ROOT), get(name)));
    }
    return text.toString().strip();
  }
}
