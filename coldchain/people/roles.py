"""The roles in which people answer, with their words."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody is asked as; every role may be at a site, in a region or everywhere."""

    CLERK = "clerk"
    STORE_MANAGER = "store-manager"
    AREA_MANAGER = "area-manager"
    AREA_DUTY = "area-duty"
    """The telephone of an area that answers when its shops are shut."""
    SITE_DUTY = "site-duty"
    """On duty at a warehouse, plant or station."""
    SUPERVISOR = "supervisor"
    SITE_HEAD = "site-head"
    DISPATCHER = "dispatcher"
    DRIVER = "driver"
    FLEET_LEAD = "fleet-lead"
    MILK_LEAD = "milk-lead"
    QUALITY = "quality"
    CONTRACTOR = "contractor"
    """Who repairs refrigeration; often without an account."""
    FOOD_SAFETY_OFFICER = "food-safety-officer"
    FOOD_SAFETY_DIRECTOR = "food-safety-director"
    PRINCIPAL = "principal"
    """The principal person in charge of a company (主要负责人, SAMR Order 60)."""
    ADMINISTRATOR = "administrator"


ROLE_WORDS = {
    Role.CLERK: ("店员", "store staff"),
    Role.STORE_MANAGER: ("店长", "store manager"),
    Role.AREA_MANAGER: ("区域经理", "area manager"),
    Role.AREA_DUTY: ("区域值班电话", "area duty phone"),
    Role.SITE_DUTY: ("现场值班", "on duty at the site"),
    Role.SUPERVISOR: ("主管", "supervisor"),
    Role.SITE_HEAD: ("库长/厂长", "site head"),
    Role.DISPATCHER: ("调度", "dispatcher"),
    Role.DRIVER: ("司机", "driver"),
    Role.FLEET_LEAD: ("车队长", "fleet lead"),
    Role.MILK_LEAD: ("奶源负责人", "raw-milk lead"),
    Role.QUALITY: ("品管", "quality"),
    Role.CONTRACTOR: ("制冷维保", "refrigeration contractor"),
    Role.FOOD_SAFETY_OFFICER: ("食品安全员", "food safety officer"),
    Role.FOOD_SAFETY_DIRECTOR: ("食品安全总监", "food safety director"),
    Role.PRINCIPAL: ("主要负责人", "principal person in charge"),
    Role.ADMINISTRATOR: ("管理员", "administrator"),
}
"""Chinese and English."""
