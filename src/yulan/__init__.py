"""Yulan 玉兰: the working system of a city's paired assistance and inter-regional cooperation (对口支援与合作交流)."""

__version__ = "0.1.0"
