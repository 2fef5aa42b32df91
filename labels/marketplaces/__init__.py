"""Marketplaces with duties under the Thai rules on digital platform services."""
