# Firmware for a PC, with which another hypervisor runs the same guest programs on the same RAM.
# FirmwareGuest in io.faultline.demo.kvm builds the rest of the 64 KiB ROM, with this layout:
    .set ROM, 0xf0000           # address of the ROM
    .set COPY, 0x10000          # address of its copy, which starts with the programs' code
    .set CONFIG, COPY + 0x3000  # ram_bytes, fill_key, accumulator, random, value, address, target
    .set PROGRAM, COPY + 0x2000 # struct program
    .set TABLES, COPY + 0x4000  # page tables
    .set CLOCK, 0x20000         # struct clock, then the stack
    .set STACK, 0x22000
    .set RAM, 0x100000000

# Runs in the copy, in 64-bit mode at CPL 3: fills RAM as RamFill does, then starts the program.
    .code64
    .globl _start
_start:
    movl $CONFIG, %ebx
    movabsq $RAM, %rdi
    movq (%rbx), %r9
    addq %rdi, %r9
    movq 8(%rbx), %r10          # key + number of the block
    movabsq $0x9e3779b97f4a7c15, %r14
    shlq $3, %r14               # increment of the seed per word
    movabsq $0xbf58476d1ce4e5b9, %r12
    movabsq $0x94d049bb133111eb, %r13
block:
    movq %r10, %rax
    incq %r10
    movl $512, %ecx
    call mix
    movq %rax, %rsi             # seed of the block's further words
word:
    movq %rax, (%rdi)
    addq $8, %rdi
    addq %r14, %rsi
    movq %rsi, %rax
    call mix
    decl %ecx
    jnz word
    cmpq %r9, %rdi
    jb block

    movq %rbx, %rax
    xorl %ebx, %ebx             # operations
    movq 16(%rax), %rbp
    movq %rbp, %xmm15
    movq 24(%rax), %r12
    movq 32(%rax), %r13
    movq 40(%rax), %r14
    movq 48(%rax), %r15
    movl $PROGRAM, %edi
    movl $CLOCK, %esi
    movl $COPY, %eax
    jmp *%rax

mix:
    movq %rax, %rdx
    shrq $30, %rdx
    xorq %rdx, %rax
    imulq %r12, %rax
    movq %rax, %rdx
    shrq $27, %rdx
    xorq %rdx, %rax
    imulq %r13, %rax
    movq %rax, %rdx
    shrq $31, %rdx
    xorq %rdx, %rax
    ret

# Entry at power-on, in real mode.
    .org 0x200
    .code16
real:
    cli
    lgdtl %cs:gdt_pointer - ROM
    movl %cr0, %eax
    orl $1, %eax
    movl %eax, %cr0
    ljmpl $0x08, $protected

    .code32
protected:
    movw $0x10, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    cld
    movl $ROM, %esi
    movl $COPY, %edi
    movl $0x4000, %ecx
    rep movsl
    movl $0x620, %eax           # PAE, OSFXSR, OSXMMEXCPT
    movl %eax, %cr4
    movl $TABLES, %eax
    movl %eax, %cr3
    movl $0xc0000080, %ecx      # EFER
    rdmsr
    orl $0x100, %eax            # LME
    wrmsr
    movl $0x80010033, %eax      # PG, WP, NE, ET, MP, PE
    movl %eax, %cr0
    ljmpl $0x18, $long

    .code64
long:
    movl $STACK, %esp
    pushq $0x20 | 3
    pushq $STACK
    pushq $0x3002               # ports for CPL 3, no interrupts
    pushq $0x28 | 3
    pushq $COPY + 0xe000        # _start in the copy
    iretq

    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff    # 08: CPL 0, code, 32 bits
    .quad 0x00cf93000000ffff    # 10: CPL 0, data
    .quad 0x00af9b000000ffff    # 18: CPL 0, code, 64 bits
    .quad 0x00cff3000000ffff    # 20: CPL 3, data
    .quad 0x00affb000000ffff    # 28: CPL 3, code, 64 bits
gdt_pointer:
    .word gdt_pointer - gdt - 1
    .long gdt
    .section .note.GNU-stack, "", @progbits
