# SPDX-License-Identifier: Apache-2.0
"""What is known of a linked Thumb program before it runs: its instructions, functions and semihosting calls."""
import re
import subprocess
from bisect import bisect_right

SEMIHOSTING = 0xBEAB  # bkpt 0xab


class Program:
    def __init__(self, elf):
        self.sizes = {}      # address -> bytes of the instruction there
        self.texts = {}
        self.semihosting = []
        self.functions = []  # (address, name), by address
        listing = subprocess.run(["arm-none-eabi-objdump", "-d", "-C", elf], check=True, stdout=subprocess.PIPE, text=True).stdout
        for line in listing.splitlines():
            if begin := re.match(r"([0-9a-f]{8}) <(.*)>:$", line):
                self.functions.append((int(begin[1], 16), begin[2]))
            elif found := re.match(r"\s*([0-9a-f]+):\t([0-9a-f]{4})(?: ([0-9a-f]{4}))? *\t(.*)$", line):
                address = int(found[1], 16)
                if found[4].startswith("."):
                    continue  # data among the code
                self.sizes[address] = 4 if found[3] else 2
                self.texts[address] = found[4].split(";")[0].strip().replace("\t", " ")
                if int(found[2], 16) == SEMIHOSTING:
                    self.semihosting.append(address)

    def function_at(self, address):
        nth = bisect_right(self.functions, (address, "\x7f")) - 1
        return self.functions[nth][1] if nth >= 0 else "?"

    def extent(self, prefix):
        """(first address, end) of the function whose demangled name begins so."""
        for nth, (address, name) in enumerate(self.functions):
            if name.startswith(prefix):
                return address, self.functions[nth + 1][0] if nth + 1 < len(self.functions) else 1 << 32
        raise KeyError(prefix)

    def instructions_in(self, address, length):
        """How many whole instructions a skip of `length` bytes at `address` passes."""
        count, end = 0, address + length
        while address < end:
            address += self.sizes.get(address, 2)
            count += address <= end
        return count
