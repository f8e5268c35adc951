# SPDX-License-Identifier: Apache-2.0
"""Makes SUIT test vectors without any code of the implementation that they test."""
